// What the page does in the browser alone. Nothing here talks to any server.
window.taiyi = (() => {
  const CHAT = "taiyi.chat";         // in sessionStorage: gone when the window is closed
  const LANGUAGE = "taiyi.language"; // in localStorage, as is the theme: preferences, nothing typed
  const THEME = "taiyi.theme";

  // Enter that confirms a candidate of an input method must not send: gradio's own handlers never see it.
  const guard = (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
  };
  for (const name of ["keydown", "keypress", "keyup"]) window.addEventListener(name, guard, { capture: true });

  const stored = (storage, key) => { try { return storage.getItem(key) || ""; } catch { return ""; } };
  const store = (storage, key, value) => {
    try { value ? storage.setItem(key, value) : storage.removeItem(key); } catch { /* full or forbidden: not kept */ }
  };

  let pending = null;
  const keep = (history) => {
    clearTimeout(pending); // a stream changes the history many times a second
    pending = setTimeout(() => store(sessionStorage, CHAT, history && history.length ? JSON.stringify(history) : ""), 250);
  };

  const save = (file) => {
    if (!file) return;
    const { name, type, base64 } = JSON.parse(file);
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // an address without https has no clipboard
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  const name = (lang) => { document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en"; };
  const speak = (lang) => { name(lang); store(localStorage, LANGUAGE, lang); };
  // What this browser chose before, else the server's language; and the chat of this window.
  const remembered = (lang) => {
    const chosen = stored(localStorage, LANGUAGE) || lang;
    name(chosen);
    return [chosen, stored(sessionStorage, CHAT)];
  };

  const setTheme = (name) => document.body.classList.toggle("dark", name === "dark");
  const toggleTheme = () => {
    const name = document.body.classList.contains("dark") ? "light" : "dark";
    store(localStorage, THEME, name);
    setTheme(name);
  };

  // Status lines are live regions before anything is said in them, or screen readers would miss the first sentence.
  const prepare = () => {
    for (const area of document.querySelectorAll(".ty-live:not([aria-live])")) {
      area.setAttribute("aria-live", "polite");
    }
  };
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });
    prepare();
  });
  addEventListener("load", () => {
    const chosen = stored(localStorage, THEME);
    if (chosen) setTheme(chosen);
  });

  return { keep, save, copy, speak, remembered, toggleTheme };
})();
