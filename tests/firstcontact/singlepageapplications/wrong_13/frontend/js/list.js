"use strict";
fetch("/api/items")
  .then((response) => response.json())
  .then(({ items }) =>
    mount(document.getElementById("list"), {
      heading: "Shopping list",
      items,
      count: items.length,
      open: items.filter((item) => !item.done).length,
    })
  );
