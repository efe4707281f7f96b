"""What an item shows and asks: its text, its responses, and where they stand in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from quizapp.domain.texts import Marked
from quizapp.formats.qti12.materials import EMPTY, Texts, together
from quizapp.formats.qti12.scoring import response_name
from quizapp.formats.reading.xml import Element, local_name

RESPONSES = frozenset({"response_lid", "response_str", "response_num", "response_xy", "response_grp"})
FLOWS = frozenset({"flow", "flow_mat", "presentation"})
NUMERIC = frozenset({"decimal", "integer", "scientific"})


@dataclass(frozen=True, slots=True)
class Label:
    """An option."""

    ident: str
    text: Marked


@dataclass(slots=True)
class Asked:
    """One response that is asked for."""

    ident: str
    tag: str
    prompt: Marked = EMPTY
    labels: list[Label] = field(default_factory=list)
    is_multiple: bool = False
    is_ordered: bool = False
    is_typed: bool = False
    is_numeric: bool = False
    is_drawn: bool = False
    """A place on a picture."""
    rows: int = 1
    inside: list[Label | Marked] = field(default_factory=list)
    """Options and the text between them, where they stand in a sentence."""


@dataclass(slots=True)
class Presentation:
    """The text with the responses in it, in the order of the file."""

    parts: list[Marked | Asked] = field(default_factory=list)
    stem: Marked = EMPTY

    @property
    def asked(self) -> list[Asked]:
        return [part for part in self.parts if isinstance(part, Asked)]

    def is_interleaved(self) -> bool:
        """Whether text stands between or behind the responses, as in a sentence with gaps."""
        kinds = [isinstance(part, Asked) for part in self.parts if isinstance(part, Asked) or part.strip()]
        return True in kinds and False in kinds[kinds.index(True) :]


def presentation_of(item: Element, texts: Texts) -> Presentation:
    """The presentation of an item, with its dialects taken for what they mean."""
    root = next((each for each in item if local_name(each) == "presentation"), None)
    result = Presentation()
    if root is None:
        return result
    block = _matching_block(root)
    boxes = [] if block is None else [block, *_boxes(root, "RIGHT_MATCH_BLOCK")]
    found = [each for each in _flattened(root) if not any(_is_inside(each, box) for box in boxes)]
    materials = [each for each in found if local_name(each) not in RESPONSES]
    texts.look_at(materials)
    result.parts = [
        _asked(each, texts) if local_name(each) in RESPONSES else texts.run(each) for each in found
    ]
    result.stem = together(part for part in result.parts if isinstance(part, Marked))
    if block is not None:
        result.parts += _matched_by_place(block, texts)
    return result


def _flattened(element: Element) -> Iterator[Element]:
    """Materials and responses in their order, whatever boxes they lie in."""
    for child in element:
        if local_name(child) in FLOWS:
            yield from _flattened(child)
        elif local_name(child) in RESPONSES or (local_name(child) == "material" and not _is_preview(child)):
            yield child


def _is_preview(material: Element) -> bool:
    """One dialect shows both sides of a matching as a table, too."""
    return any(local_name(each) == "material_table" for each in material.iter())


def _asked(element: Element, texts: Texts) -> Asked:
    tag = local_name(element)
    cardinality = (element.get("rcardinality") or "").strip().lower()
    asked = Asked(
        response_name(element.get("ident") or element.get("respident") or ""),
        tag,
        is_multiple=cardinality == "multiple",
        is_ordered=cardinality == "ordered",
        is_typed=tag in ("response_str", "response_num"),
        is_numeric=tag == "response_num",
        is_drawn=tag == "response_xy",
    )
    prompts = []
    for child in element:
        name = local_name(child)
        if name in ("material", "material_ref"):
            prompts.append(child)
        elif name in ("flow", "flow_mat"):
            prompts += [each for each in _flattened(child) if local_name(each) == "material"]
        elif name.startswith("render_"):
            _rendered(child, asked, texts)
    asked.prompt = texts.of(prompts)
    return asked


def _rendered(element: Element, asked: Asked, texts: Texts) -> None:
    """Options, or what may be typed."""
    name = local_name(element)
    if name == "render_fib":
        asked.is_typed = True
        asked.is_numeric = asked.is_numeric or (element.get("fibtype") or "").strip().lower() in NUMERIC
        rows = (element.get("rows") or "").strip()
        asked.rows = int(rows) if rows.isdecimal() and len(rows) < 5 else 1
        return
    asked.is_drawn = asked.is_drawn or name == "render_hotspot"
    if name == "render_extension":
        asked.inside = list(_in_a_sentence(element, texts))
    for each in element.iter():
        if local_name(each) == "response_label":
            asked.labels.append(_label(each, texts))


def _label(element: Element, texts: Texts) -> Label:
    ident = " ".join((element.get("ident") or "").split())
    return Label(ident, texts.of(each for each in element if isinstance(each.tag, str)))


def _in_a_sentence(element: Element, texts: Texts) -> Iterator[Label | Marked]:
    for child in element:
        match local_name(child):
            case "response_label":
                yield _label(child, texts)
            case "material":
                yield texts.run(child)
            case _:
                yield from _in_a_sentence(child, texts)


def _matching_block(root: Element) -> Element | None:
    """The box of a matching whose options have no texts: they stand in a second column, by place."""
    labels = [each for each in root.iter() if local_name(each) == "response_label"]
    if len(labels) < 2 or any(local_name(inner) == "material" for each in labels for inner in each.iter()):
        return None
    if not all(_parent_with(each, "response_lid") for each in labels):
        return None
    return next(iter(_boxes(root, "RESPONSE_BLOCK")), None)


def _boxes(root: Element, name: str) -> list[Element]:
    flows = (each for each in root.iter() if local_name(each) == "flow")
    return [each for each in flows if (each.get("class") or "").upper() == name]


def _parent_with(element: Element, name: str) -> bool:
    return any(local_name(each) == name for each in element.iterancestors())


def _is_inside(element: Element, box: Element) -> bool:
    return element is box or any(each is box for each in element.iterancestors())


def _matched_by_place(block: Element, texts: Texts) -> Iterator[Asked]:
    """Each response with the text beside it; its options take the texts of the column in their order."""
    responses: list[Asked] = []
    for flow in block:
        inner = list(_flattened(flow))
        own = [each for each in inner if local_name(each) == "response_lid"]
        if own:
            asked = _asked(own[0], texts)
            asked.prompt = texts.of(each for each in inner if local_name(each) == "material")
            responses.append(asked)
    matches = [texts.of([each]) for each in _column(block)]
    for asked in responses:
        if len(asked.labels) == len(matches):
            asked.labels = [
                Label(label.ident, text) for label, text in zip(asked.labels, matches, strict=True)
            ]
    yield from responses


def _column(block: Element) -> list[Element]:
    """The boxes of the second column: in a block of their own behind the responses, or among them."""
    root = block
    while local_name(root) != "presentation" and (above := root.getparent()) is not None:
        root = above
    flows = [child for box in (_boxes(root, "RIGHT_MATCH_BLOCK") or [block]) for child in box]
    return [each for each in flows if local_name(each) == "flow" and not _holds_response(each)]


def _holds_response(element: Element) -> bool:
    return any(local_name(each) in RESPONSES for each in element.iter())
