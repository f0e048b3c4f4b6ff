/** One phone at a time on a small screen: tabs name them, and a swipe picks one up as a tab does. */

const NARROW = matchMedia("(max-width: 860px)");
// More than half of a phone in view can be true of one phone only.
const IN_VIEW = 0.6;

/** `phones` have `root` and `tab`; `onSwipe(phone)` hears which one has come into view. */
export function swipe(table, phones, onSwipe) {
  const watcher = new IntersectionObserver(
    (sights) => {
      const seen = sights.find((sight) => sight.isIntersecting);
      if (seen && NARROW.matches) onSwipe(phones.find(({ root }) => root === seen.target));
    },
    { root: table, threshold: IN_VIEW },
  );
  phones.forEach(({ root }) => watcher.observe(root));
}

/** A tab on the bar that leads to the phone. */
export function tabTo(root) {
  const tab = document.createElement("a");
  tab.href = `#${root.id}`;
  document.querySelector(".tabs").append(tab);
  return tab;
}
