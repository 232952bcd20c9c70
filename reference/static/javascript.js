// What the page handed over: SCRIPT_ROOT, chart_data, greeting_url and fact_url.
const element = selector => document.querySelector(selector)
// Text stays text: only a fragment that the server wrote is ever HTML here.
const say = text => { element("#answer").textContent = text }

function getJSON(url) {
  // fetch fails only where there is no answer at all; an error's JSON says what it is.
  return fetch(url).then(response => response.json().then(data => {
    if (!response.ok) throw new Error(data.error)
    return data
  }))
}

element("#chart").textContent = JSON.stringify(chart_data)

element("#greet").addEventListener("click", () => {
  getJSON(greeting_url).then(data => say(data.greeting), say)
})

for (const button of document.querySelectorAll(".room")) {
  button.addEventListener("click", () => {
    // A URL that only the script knows starts at the root of the application.
    getJSON(`${SCRIPT_ROOT}/javascript/api/rooms/${button.value}`)
      .then(room => say(room.description), say)
  })
}

element("#another-fact").addEventListener("click", () => {
  fetch(fact_url)
    .then(response => response.ok ? response.text() : Promise.reject(response.status))
    .then(text => { element("#geology-fact").innerHTML = text }, say)
})

element("form").addEventListener("submit", event => {
  event.preventDefault()
  const form = event.target
  fetch(form.action, { method: "POST", body: new FormData(form) }).then(response => {
    // The redirect was followed, but the page is still this one.
    if (response.redirected) {
      window.location = response.url
    } else {
      response.json().then(data => { element("[role=alert]").textContent = data.error })
    }
  })
})
