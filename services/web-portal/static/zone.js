// The zone of the browser's clock, for the times of the next pages: an account that chose no zone sees them in this one.

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
const secure = location.protocol === "https:" ? "; secure" : "";
if (timeZone) document.cookie = `merpati_zone=${timeZone}; path=/; max-age=31536000; samesite=lax${secure}`;
