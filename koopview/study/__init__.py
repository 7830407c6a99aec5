"""The session: settings, results, save and open."""
