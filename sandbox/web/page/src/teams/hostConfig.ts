/** How Teams draws a card; colours are variables of our style sheet, so that both schemes come by themselves. */

import { HostConfig } from "adaptivecards/lib/host-config";

const colour = (name: string) => ({ default: `var(--teams-${name})`, subtle: `var(--teams-${name}-subtle)` });
const colours = {
  default: colour("text"),
  dark: colour("text"),
  light: colour("text"),
  accent: colour("accent"),
  good: colour("good"),
  warning: colour("warning"),
  attention: colour("attention"),
};
const container = { backgroundColor: "transparent", foregroundColors: colours };

export const hostConfig = new HostConfig({
  fontFamily: "inherit",
  supportsInteractivity: true,
  fontSizes: { small: 12, default: 14, medium: 15, large: 18, extraLarge: 22 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  lineHeights: { small: 16, default: 20, medium: 21, large: 24, extraLarge: 28 },
  spacing: { small: 6, default: 10, medium: 14, large: 20, extraLarge: 28, padding: 0 },
  separator: { lineThickness: 1, lineColor: "var(--teams-line)" },
  containerStyles: {
    default: container,
    emphasis: { ...container, backgroundColor: "var(--teams-emphasis)" },
    accent: { ...container, backgroundColor: "var(--teams-emphasis)" },
    good: { ...container, backgroundColor: "var(--teams-emphasis)" },
    attention: { ...container, backgroundColor: "var(--teams-emphasis)" },
    warning: { ...container, backgroundColor: "var(--teams-emphasis)" },
  },
  actions: {
    maxActions: 20,
    spacing: "default",
    buttonSpacing: 8,
    actionsOrientation: "horizontal",
    actionAlignment: "left",
    showCard: { actionMode: "inline", inlineTopMargin: 12 },
  },
  inputs: {
    label: {
      inputSpacing: "small",
      requiredInputs: { weight: "bolder", color: "default", size: "default", suffix: " *" },
      optionalInputs: { weight: "bolder", color: "default", size: "default" },
    },
    errorMessage: { color: "attention", weight: "default", size: "small", spacing: "small" },
  },
  table: { cellSpacing: 6 },
});
