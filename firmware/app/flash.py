# Keeps small JSON files so that a power cut at any byte leaves the old one or the new one.
import json
import os


class Flash:
    """Small JSON files, written beside the old one and renamed into place: a power cut leaves one or the other."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, name, otherwise):
        try:
            with open(self.folder + "/" + name) as file:
                return json.load(file)
        except (OSError, ValueError):
            return otherwise

    def write(self, name, value):
        path = self.folder + "/" + name
        with open(path + ".new", "w") as file:
            json.dump(value, file)
        os.rename(path + ".new", path)
