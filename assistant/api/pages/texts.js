/** Every text of the page's own, by language; what belongs to a vertical comes with the page. */

const en = {
  welcome: "Ask a question. Every sentence of an answer is checked against its sources before you see it.",
  keyLabel: "API key",
  keyHelp: "It stays in this tab and is forgotten when you close it.",
  keyUse: "Continue",
  keyRefused: "This key was not accepted. Please check it and try again.",
  questionLabel: "Your question",
  questionPlaceholder: "Ask a question…",
  documentAdd: "Add a document",
  documentLabel: "Document",
  documentPlaceholder: "Paste the text here: a visit, a batch of reviews, a product sheet…",
  documentTitle: "Your document",
  documentAttached: "with a document of {words} words",
  taskLabel: "Task",
  task: { answer: "Answer a question", summarize: "Summarise the document", write: "Write a text" },
  defaultQuestion: { summarize: "Please summarise this document.", write: "Please write the text from this document." },
  ask: "Ask",
  stop: "Stop",
  erase: "Erase and start over",
  close: "Close",
  source: "Source {n}: {title}",
  sources: "Sources",
  stage: { input: "Checking the question…", evidence: "Reading the sources…", generation: "Writing…", output: "Checking the answer…" },
  outcome: { answered: "Answered", quoted: "Quoted word for word", declined: "Declined", unanswered: "No answer in the sources" },
  omitted: "Not in this summary",
  omission: { allergies: "Allergies", medication: "Medication", negation: "Negation", "follow-up": "Follow-up" },
  masked: "Personal data was masked before anything was read.",
  stopped: "Stopped.",
  unreachable: "The assistant cannot be reached just now. Please try again.",
  retry: "{message} Please try again in {seconds} seconds.",
};

const it = {
  welcome: "Fai una domanda. Ogni frase della risposta viene verificata sulle fonti prima di comparire.",
  keyLabel: "Chiave API",
  keyHelp: "Resta in questa scheda e viene dimenticata quando la chiudi.",
  keyUse: "Continua",
  keyRefused: "Questa chiave non è stata accettata. Controllala e riprova.",
  questionLabel: "La tua domanda",
  questionPlaceholder: "Fai una domanda…",
  documentAdd: "Aggiungi un documento",
  documentLabel: "Documento",
  documentPlaceholder: "Incolla qui il testo: una visita, delle recensioni, una scheda prodotto…",
  documentTitle: "Il tuo documento",
  documentAttached: "con un documento di {words} parole",
  taskLabel: "Compito",
  task: { answer: "Rispondi a una domanda", summarize: "Riassumi il documento", write: "Scrivi un testo" },
  defaultQuestion: { summarize: "Riassumi questo documento.", write: "Scrivi il testo a partire da questo documento." },
  ask: "Chiedi",
  stop: "Ferma",
  erase: "Cancella e ricomincia",
  close: "Chiudi",
  source: "Fonte {n}: {title}",
  sources: "Fonti",
  stage: { input: "Verifico la domanda…", evidence: "Leggo le fonti…", generation: "Scrivo…", output: "Verifico la risposta…" },
  outcome: { answered: "Risposta", quoted: "Citazione letterale", declined: "Non posso rispondere", unanswered: "Nessuna risposta nelle fonti" },
  omitted: "Non compare nel riassunto",
  omission: { allergies: "Allergie", medication: "Farmaci", negation: "Negazione", "follow-up": "Controllo successivo" },
  masked: "I dati personali sono stati oscurati prima della lettura.",
  stopped: "Interrotto.",
  unreachable: "L’assistente non è raggiungibile in questo momento. Riprova.",
  retry: "{message} Riprova tra {seconds} secondi.",
};

const catalogues = { en, it };

/** The texts for a language tag such as "it-CH"; English where there are none. */
export function textsFor(language) {
  return catalogues[language.toLowerCase().split("-")[0]] ?? en;
}

/** `text` with its {places} filled. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
