pref("app.update.channel", "release");
