"""Real servers for the demo and the tests, from wheels: nothing has to be installed, nobody has to be root.

`embedded.postgres`, `embedded.redis` and `embedded.chain` each offer `start(data_dir, *, port=0, durable=True)`
and give back an `embedded.server.Server`. Production brings its own servers and never imports this package.
"""
