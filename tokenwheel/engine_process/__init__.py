"""The engine in a process of its own (`WHEEL_ENGINE_PROCESS`), decision 0054.

supervisor  in the server's first process: starts it, and starts it again when it has died
options     what it is started with
__main__    the process itself: models and engine behind a Unix socket; imports no Django
"""
