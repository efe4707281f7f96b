"""Names of elements: of HTML, of MathML, and those of QTI that stand around text."""

import re


def names(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


HTML = names(
    """a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header
    hr i img ins kbd label li main mark nav ol p picture pre q rb rp rt rtc ruby s samp section
    small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul
    var wbr"""
)
MATHML = names(
    """math annotation maction menclose merror mfenced mfrac mglyph mi mlabeledtr mmultiscripts mn mo mover
    mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd
    mtext mtr munder munderover none semantics"""
)
INLINE = MATHML | names(
    """a abbr acronym b bdi bdo big br cite code del dfn em font i img ins kbd label mark q rb rt ruby s
    samp small span strike strong sub sup time tt u var wbr"""
)
VOID = names("area br col hr img input mprescripts none source track wbr")
AROUND_TEXT = names(
    """itemBody stimulusBody contentBody assessmentStimulus html body prompt interaction interactionMarkup
    markup simpleChoice simpleAssociableChoice simpleMatchSet hottext gap gapText gapImg
    inlineChoice positionObjectStage templateBlock templateInline infoControl choiceInteraction
    orderInteraction associateInteraction matchInteraction gapMatchInteraction
    inlineChoiceInteraction textEntryInteraction extendedTextInteraction hottextInteraction
    hotspotInteraction graphicOrderInteraction graphicAssociateInteraction
    graphicGapMatchInteraction selectPointInteraction positionObjectInteraction sliderInteraction
    drawingInteraction uploadInteraction customInteraction portableCustomInteraction"""
)
"""Elements of QTI whose content is read in its place."""
MEDIA = names("audio video object embed iframe mediaInteraction")
LEFT_OUT = names(
    """rubricBlock modalFeedback feedbackBlock feedbackInline stylesheet catalogInfo companionMaterialsInfo
    endAttemptInteraction apipAccessibility accessibilityInfo script style xinclude
    assessmentStimulusRef"""
)
"""What is read elsewhere, or is nothing to read."""
CHOICES = ("simpleChoice", "simpleAssociableChoice", "gapText", "inlineChoice")
