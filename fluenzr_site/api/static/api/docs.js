// The API's documentation, with one field for the key. The key stays in this tab: it is stored nowhere.
"use strict";

const place = document.getElementById("docs");
const said = document.getElementById("key-said");

const ui = window.SwaggerUIBundle({
    url: place.dataset.description,
    dom_id: "#docs",
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
});

// One key opens both dialects; each operation names the header that it wants it in.
function use(key) {
    for (const scheme of ["apiKey", "messagingKey"]) {
        ui.preauthorizeApiKey(scheme, key);
    }
}

async function tell(key) {
    try {
        const answer = await fetch("/v1/tags?perPage=1", { headers: { Authorization: `Bearer ${key}` } });
        const body = await answer.json();
        said.value = body.success ? said.dataset.works : body.error.message;
        said.className = body.success ? "good" : "bad";
    } catch {
        said.value = said.dataset.fails;
        said.className = "bad";
    }
}

document.getElementById("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const key = document.getElementById("key").value.trim();
    use(key);
    tell(key);
});
