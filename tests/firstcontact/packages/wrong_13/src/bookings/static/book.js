document.querySelectorAll("td:not(.taken)").forEach(td => td.onclick = () => td.classList.add("mine"))
