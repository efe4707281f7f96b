"""A learner on the map, and what the map says in words."""

from decimal import Decimal

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.mastery import Evidence
from quizapp.domain.skills import by_need, finding, finding_within, next_step, skills

MAP = Curriculum.model_validate(
    {
        "topics": [
            {
                "id": "databases",
                "title": "Databases",
                "core": True,
                "subtopics": [
                    {"id": "databases.indexing", "title": "Indexes"},
                    {"id": "databases.null_logic", "title": "NULL and unknown"},
                ],
            },
            {"id": "apis", "title": "APIs", "core": True},
            {"id": "security", "title": "Security", "core": True},
            {"id": "cloud", "title": "Cloud"},
        ]
    }
)


def evidence(answers: int, credit: int) -> Evidence:
    return Evidence(answers, Decimal(credit), (), None)


def on_the_map(answered=None, questions=None):
    given = {("databases", "databases.indexing"): 9, ("apis", ""): 9, ("security", ""): 9}
    return skills(MAP, answered or {}, given if questions is None else questions)


def test_the_map_is_shown_in_the_order_of_the_curriculum():
    known = on_the_map()

    assert [skill.id for skill in known] == ["databases", "apis", "security", "cloud"]
    assert [part.title for part in known[0].parts] == ["Indexes", "NULL and unknown"]
    assert [skill.core for skill in known] == [True, True, True, False]


def test_topics_that_only_an_upload_names_follow_with_a_readable_title():
    known = on_the_map(questions={("team_habits", ""): 3, ("apis", "apis.odd_one"): 1})

    assert [(skill.title, skill.questions) for skill in known][-1] == ("Team habits", 3)
    assert [part.title for part in known[1].parts] == ["Odd one"]


def test_a_topic_adds_up_its_parts():
    known = on_the_map(
        {("databases", "databases.indexing"): evidence(4, 1), ("databases", ""): evidence(6, 2)}
    )

    assert (known[0].evidence.answers, known[0].evidence.credit, known[0].questions) == (10, 3, 9)
    assert [part.title for part in known[0].parts] == ["Indexes", "NULL and unknown", "Everything else"]


def test_the_weakest_comes_first_and_what_has_no_questions_last():
    known = on_the_map(
        {("security", ""): evidence(20, 8), ("apis", ""): evidence(20, 19), ("databases", ""): evidence(2, 0)}
    )

    assert [skill.id for skill in by_need(known)] == ["security", "apis", "databases", "cloud"]


def test_two_wrong_answers_are_no_finding():
    known = on_the_map({("security", ""): evidence(2, 0)})

    assert finding(known) == "Not enough answers yet to say where you stand"
    assert [skill.in_words for skill in known] == [
        "Not answered yet",
        "Not answered yet",
        "Not enough answers yet",
        "No questions yet",
    ]


def test_the_finding_names_at_most_two_weak_topics_the_weakest_first():
    weak = on_the_map(
        {
            ("databases", ""): evidence(20, 9),
            ("apis", ""): evidence(20, 5),
            ("security", ""): evidence(20, 7),
        }
    )

    assert finding(weak) == "You are weakest in APIs and Security"


def test_without_weakness_the_finding_names_strength_or_nothing():
    strong = on_the_map({("apis", ""): evidence(20, 20)})
    fair = on_the_map({("apis", ""): evidence(20, 15)})

    assert finding(strong) == "You are strong in APIs"
    assert finding(fair) == "Nothing is weak, and nothing stands out"
    assert finding(on_the_map()) == "No answers yet"


def test_a_weak_topic_with_thin_parts_says_just_that():
    thin = {("databases", f"databases.{number}"): evidence(3, 1) for number in range(6)}

    assert finding_within(on_the_map(thin)[0]).startswith("Weak over all; too few answers")
    assert finding_within(on_the_map({("databases", ""): evidence(1, 1)})[0]).startswith("Not enough")
    enough = {("databases", "databases.indexing"): evidence(20, 6)}
    assert finding_within(on_the_map(enough)[0]) == "You are weakest in Indexes"


def test_a_weak_topic_is_not_called_fine_because_of_one_fair_part():
    parts = {("databases", f"databases.{number}"): evidence(4, 1) for number in range(6)}
    fair = {("databases", "databases.indexing"): evidence(20, 15)}

    assert finding_within(on_the_map(parts | fair)[0]) == "Weak over all; no subtopic stands out"


def test_next_comes_the_weakest_topic():
    known = on_the_map({("security", ""): evidence(20, 8), ("apis", ""): evidence(20, 9)})

    assert next_step(known).id == "security"


def test_without_weakness_next_comes_what_is_least_known():
    known = on_the_map({("databases", ""): evidence(20, 19), ("apis", ""): evidence(3, 3)})

    assert next_step(known).id == "security"


def test_where_all_is_well_next_comes_what_leaves_most_to_gain():
    known = on_the_map(
        {
            ("databases", ""): evidence(20, 19),
            ("apis", ""): evidence(20, 16),
            ("security", ""): evidence(20, 20),
        }
    )

    assert next_step(known).id == "apis"


def test_nobody_is_sent_to_a_topic_without_questions():
    known = on_the_map({("cloud", ""): evidence(20, 2)}, questions={("apis", ""): 1})

    assert next_step(known).id == "apis"
    assert next_step(on_the_map(questions={("apis", ""): 0})) is None
