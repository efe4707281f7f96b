"""The question sets of the demo's instructor, as they would be uploaded."""

PUBLISHED = """
title: Git for the new team
description: What to know before the first merge request.
licence: CC-BY-4.0
defaults: {topic: version_control, as_of: 2026-11}
questions:
  - id: demo-git-detached-head
    type: single_choice
    subtopic: version_control.git_model
    level: junior
    stem: |
      You run `git checkout 4f2c9ab`, commit twice, and run `git switch main`.
      Where are your two commits now?
    options:
      - text: In the repository, but no branch leads to them
        key: true
        feedback: "HEAD pointed at a commit, so no branch moved along. `git reflog` still finds them."
      - text: On `main`, because that is where you are
        feedback: "Switching moves HEAD. It does not move commits from one line of history to another."
        misconception: Commits belong to whatever branch is checked out later
      - text: Nowhere; switching threw them away
        feedback: "They stay until git prunes what nothing refers to, which takes weeks by default."
        misconception: A commit without a branch is deleted at once
    explanation: |
      A branch is a movable name for a commit. With a detached HEAD there is none to move, so give the
      commits a name before you leave: `git switch -c try-out`.
    references:
      - {title: "git documentation, git-checkout", section: "Detached HEAD", url: "https://git-scm.com/docs/git-checkout"}
  - id: demo-git-rebase-shared
    type: true_false
    subtopic: version_control.branch_merge
    level: mid
    stem: Rebasing a branch that a colleague has already pulled gives both of you the same commits again.
    answer: false
    feedback_true: "A rebase writes new commits. Your colleague keeps the old ones, and both lines meet."
    feedback_false: "A rebase writes new commits, so the colleague's copy no longer matches."
    misconception: Rebasing moves commits and keeps their ids
    explanation: |
      A commit's id covers its parents. Another parent makes another commit, even with the same changes.
    references:
      - {title: "git documentation, git-rebase", section: "Recovering from upstream rebase", url: "https://git-scm.com/docs/git-rebase"}
  - id: demo-git-bisect-steps
    type: number
    subtopic: version_control.history_recovery
    level: mid
    stem: |
      A fault came in somewhere in 1000 commits. How many of them do you have to test at most until
      `git bisect` names the guilty one?
    answer: 10
    mistakes:
      - value: 500
        feedback: "Half of them is what one step takes away, not what all steps cost."
        misconception: A search by halves tests half of the commits
      - value: 1000
        feedback: "That is the cost of trying one after the other."
        misconception: Bisecting tries every commit
    explanation: |
      Each test leaves half of the commits, and $2^{10} = 1024$ is the first power of two above 1000.
    references:
      - {title: "git documentation, git-bisect", url: "https://git-scm.com/docs/git-bisect"}
"""

DRAFT = """
title: Flaky tests
description: A draft. It still needs a second reader.
licence: CC-BY-4.0
defaults: {topic: testing_debugging, subtopic: testing_debugging.flakiness_ci, as_of: 2026-11}
questions:
  - id: demo-flaky-order
    type: single_choice
    level: mid
    stem: A test passes alone and fails in the whole suite. What do you look for first?
    options:
      - text: Something an earlier test left behind
        key: true
        feedback: "Shared state is the usual reason: rows, files, caches, patched globals, a changed clock."
      - text: A machine that is too slow
        feedback: "Then it would now and then fail alone too."
        misconception: Whatever fails now and then is a question of speed
      - text: A fault in the test runner
        feedback: "Possible, and rarely true. Look at your own state first."
        misconception: Tests cannot influence each other
    explanation: |
      Run the suite in another order, or half of it, until you know which test has to run before.
  - id: demo-flaky-sleep
    type: true_false
    level: junior
    stem: A longer `sleep` makes a test that waits for a background job reliable.
    answer: false
    feedback_true: "It fails less often, and costs the time on every run. Wait for the result, up to a limit."
    feedback_false: "Wait for the condition, not for a number of seconds."
    misconception: Time can stand in for a condition
    explanation: |
      A fixed wait is a guess about the slowest machine that will ever run the test.
"""
