// The peer: ussd-menu-builder on Express, sessions in Redis; the same screens and as many Redis trips as one of our turns.
// A menu is built per request because the library keeps the caller's arguments in the menu object itself.
import express from "express";
import UssdMenu from "ussd-menu-builder";
import { createClient } from "redis";

const redis = await createClient({ url: process.env.REDIS_URL }).connect();
const app = express();
app.use(express.urlencoded({ extended: false }));

const TTL_SECONDS = 300;

const sessions = {
  start: async () => {},
  end: async () => {},
  get: async (id, key) => redis.hGet(`peer:${id}`, key),
  set: async (id, key, value) => {
    await redis.multi().hSet(`peer:${id}`, key, value).expire(`peer:${id}`, TTL_SECONDS).exec();
  },
};

function menu() {
  const built = new UssdMenu();
  built.sessionConfig(sessions);
  const screen = (name, words) => async () => {
    await built.session.get("screen");
    await built.session.set("screen", name);
    built.con(words);
  };
  const home = "Umoja: paid 0 of 500, by Fri\nYour turn: 14 Dec\n1 Contribute\n2 Balance\n3 Who has paid\n6 More";
  built.startState({ run: screen("home", home), next: { 6: "more", 0: "home" } });
  built.state("home", { run: screen("home", home), next: { 6: "more" } });
  built.state("more", { run: screen("more", "More\n1 Language\n2 Help\n0 Back 00 Home"), next: { 1: "language", 2: "help", 0: "home", "00": "home" } });
  built.state("language", { run: screen("language", "Language\n1 Kiswahili\n2 English\n0 Back"), next: { 0: "more" } });
  built.state("help", { run: screen("help", "Help: 0800 000 000\n0 Back 00 Home"), next: { 0: "more", "00": "home" } });
  return built;
}

app.post("/ussd", (request, response) => {
  response.type("text/plain");
  menu().run(request.body, (words) => response.send(words));
});

app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
