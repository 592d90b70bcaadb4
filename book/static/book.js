// A page that was opened as a file can't fetch the pages found, whose first lines the search would show.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What the theme leaves without a name, or out of reach of the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".bd-sidebar summary").forEach((one) => one.setAttribute("aria-label", "Show the pages below"));
  document.querySelectorAll(".bd-content pre, .text_html, .text_html div").forEach((one) => {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
  });
});
