from pathlib import Path
import make, pytest
from browser.player import Player
CSS = Path("quizapp/web/static/css")
def styled(page):
    extra = "".join((CSS / "kinds" / f"{k}.css").read_text() for k in ("composite","matrix","categorise","line_select"))
    page.route("**/css/review*.css*", lambda r: r.fulfill(content_type="text/css", body=(CSS/"review.css").read_text()+extra))
def test_shots(player: Player) -> None:
    page = player.page
    styled(page)
    doc = make.sample("composite")
    two = make.sample("composite") | {"id": "two", "text": "", "parts": [make.sample(k) for k in ("ordering","matching","multiple_choice","short_text","number")]}
    for n, part in enumerate(two["parts"]):
        part["prompt"] = part.pop("stem"); part["id"] = "abcdefg"[n]
        for name in ("topic","subtopic","objective","level","cognitive","explanation","references","points","tags","as_of","versions"): part.pop(name, None)
    address = player.start([doc, two], mode="practice")
    def shots(name):
        for w, theme in ((1200,"light"),(320,"dark")):
            page.set_viewport_size({"width": w, "height": 900}); page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"/tmp/composite/{name}-{w}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            print(name, w, "too wide" if wide > 0 else "ok")
        page.set_viewport_size({"width": 1200, "height": 900}); page.emulate_media(color_scheme="light")
    shots("open")
    page.locator("[name='a.number']").fill("forty"); page.locator("[name='value.text']").fill("NOT NULL")
    page.locator("select").first.select_option(index=1)
    page.get_by_role("button", name="Check answer").click(); page.wait_for_timeout(500)
    shots("checked")
    page.emulate_media(media="print"); page.pdf(path="/tmp/composite/checked.pdf"); page.emulate_media(media="screen")
    page.goto(address + "/questions/2"); player.ready(); shots("two")
    page.emulate_media(media="print"); page.pdf(path="/tmp/composite/two.pdf"); page.emulate_media(media="screen")
