// Runs before the first paint, so that nobody sees the wrong theme flash by.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("peerscope-theme");
  } catch {
    // Storage is off: follow the system.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
