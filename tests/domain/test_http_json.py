"""JSON within bounds, and patches as their RFCs have them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.http_json import (
    BadJson,
    BadPatch,
    PatchConflict,
    has,
    json_patched,
    merge_patched,
    read_json,
    same,
)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "{'a': 1}", "NaN", "[Infinity]", "-Infinity", "1e999", "9" * 5000, "9" * 41),
        *('{"a": 1, "a": 2}', "[" * 4000, '{"a":' * 4000, "[" * 21 + "]" * 21, '"\\ud800"', '"\\u0000"'),
    ],
)
def test_json_out_of_bounds_is_refused(text):
    with pytest.raises(BadJson):
        read_json(text)


def test_brackets_inside_texts_do_not_nest():
    assert read_json('["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\"[["]') == ["[" * 32 + '"[[']


def test_true_is_not_one_but_one_is_one_point_zero():
    assert same({"a": [1]}, {"a": [1.0]})
    assert not same(True, 1)
    assert not same([0], [False])
    assert has({"a": 1, "b": None}, {"b": None})
    assert not has({"a": 1}, {"b": None})


# RFC 7396, appendix A
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_are_applied(target, patch, result):
    assert merge_patched(target, patch) == result


# After RFC 6902, appendix A
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
        ({"a": [1, 2]}, [{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}], {"a": 2}),
        ({"a": [1, 2]}, [{"op": "replace", "path": "/a/1", "value": 9}], {"a": [1, 9]}),
        (
            {"a": {"b": 1}, "c": {}},
            [{"op": "move", "from": "/a/b", "path": "/c/d"}],
            {"a": {}, "c": {"d": 1}},
        ),
        ({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": 1, "b": 1}),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 1}}], {"b": 1}),
        ({"": 1}, [{"op": "remove", "path": "/"}], {}),
    ],
)
def test_json_patches_are_applied(target, patch, result):
    assert json_patched(target, patch) == result


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "test", "path": "/a", "value": True}],
        [{"op": "remove", "path": "/b"}],
        [{"op": "replace", "path": "/b", "value": 1}],
        [{"op": "add", "path": "/b/c", "value": 1}],
        [{"op": "add", "path": "/list/3", "value": 1}],
        [{"op": "add", "path": "/list/01", "value": 1}],
        [{"op": "remove", "path": "/list/-"}],
        [{"op": "move", "from": "/deep", "path": "/deep/in"}],
        [{"op": "add", "path": "/a/b", "value": 1}],
        [{"op": "copy", "from": "", "path": "/again"}] * 30,
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(patch):
    target = {"a": 1, "list": [1, 2], "deep": {"in": 1}}

    with pytest.raises(PatchConflict):
        json_patched(target, [{"op": "add", "path": "/first", "value": 1}, *patch])

    assert target == {"a": 1, "list": [1, 2], "deep": {"in": 1}}


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "add"},
        [1],
        [{"op": "explode", "path": "/a"}],
        [{"op": ["add"], "path": "/a"}],
        [{"op": "add", "path": "/a"}],
        [{"op": "add", "path": "a", "value": 1}],
        [{"op": "add", "path": 3, "value": 1}],
        [{"op": "remove", "path": "/a~2"}],
        [{"op": "remove", "path": "/a~"}],
        [{"op": "move", "path": "/a"}],
        [{"op": "test", "path": "/a", "value": 1}] * 51,
    ],
)
def test_what_is_no_patch_is_refused(patch):
    with pytest.raises(BadPatch):
        json_patched({"a": 1}, patch)


places = st.sampled_from(["", "/", "/a", "/a/0", "/a/-", "/a/b", "/b", "/~1", "x", "/a/00"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


@given(
    values,
    st.lists(
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
                "path": places,
                "from": places,
                "value": values,
            }
        ),
        max_size=6,
    ),
)
def test_any_patch_is_applied_or_refused(target, patch):
    before = repr(target)

    with suppress(BadPatch, PatchConflict):
        json_patched(target, patch)

    assert repr(target) == before
