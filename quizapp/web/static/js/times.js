// Moments in the reader's own time zone. The exact time in UTC stays in the title, where the server put it.

const LANGUAGE = navigator.languages.find((language) => language.startsWith("en")) ?? "en-GB";
const inWords = new Intl.DateTimeFormat(LANGUAGE, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

for (const time of document.querySelectorAll("time[datetime][title]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.valueOf())) continue;
  const local = inWords.format(moment);
  // "3 days ago" stays as it is, and says the exact time to whoever points at it.
  if (time.textContent === time.title) time.textContent = local;
  else time.title = `${local} (${time.title})`;
}
