import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/clock.css";
import "./styles/tour.css";
import "./styles/company.css";
import "./styles/conversation.css";
import "./styles/slack.css";
import "./styles/teams.css";
import "./styles/dialog.css";
import "./styles/drawer.css";

const page = document.getElementById("page");
if (page) {
  createRoot(page).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
