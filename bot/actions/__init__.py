"""Buttons and dialogs to intents: a token names an action, it never authorises one."""
