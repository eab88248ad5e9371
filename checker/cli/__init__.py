"""The command line: parse, call `checker.app`, print, exit with the right code. Imports click and nothing heavy."""
