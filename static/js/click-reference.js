/* Keeps TradeTracker's click reference for the checkout of a shop, and only once a visitor agreed.

   <script src="/click-reference.js" data-campaign="12345" data-parameter="ttref" defer></script>

   clickReference.allow()    the visitor agreed to marketing: keep it, now and on later pages
   clickReference.forget()   the visitor took that back: delete it
   clickReference.read()     the reference, "" for none: for a hidden field of the checkout

   Before allow() nothing is stored anywhere; the reference of this page waits in memory, and is lost with it.
*/
(() => {
  const { campaign = "", parameter = "ttref", days = "365" } = document.currentScript.dataset;
  const cookie = `TT2_${campaign}`;
  const landed = new URLSearchParams(location.search).get(parameter) ?? "";
  // A reference is material::site::reference::checksum::time; anything else in the address is somebody's fun.
  const isReference = (text) => /^[\w.:\-]{1,300}$/.test(text);
  const secure = location.protocol === "https:" ? "; Secure" : "";

  const stored = () => {
    const pair = document.cookie.split("; ").find((one) => one.startsWith(`${cookie}=`));
    if (!pair) return "";
    try {
      return decodeURIComponent(pair.slice(cookie.length + 1));
    } catch {
      return "";
    }
  };
  const store = (text, seconds) => {
    document.cookie = `${cookie}=${encodeURIComponent(text)}; Max-Age=${seconds}; Path=/; SameSite=Lax${secure}`;
  };

  window.clickReference = {
    allow() {
      // The last click wins, as at the network.
      if (isReference(landed)) store(landed, Number(days) * 86400);
    },
    forget() {
      store("", 0);
    },
    read() {
      const text = stored();
      return isReference(text) ? text : "";
    },
  };
})();
