"""The engine as a Ray Serve application, and a cluster of everything on one machine.

replica      the deployment: one engine with one model, behind the protocol of the remote engine
answers      its HTTP answers
application  builds the Ray Serve application of a model from its arguments
serve.yaml   the applications of all models, for `serve run` and `serve deploy`
head         `python -m cluster.head`: Ray and these applications on one machine
serving      the same, as a function
single_machine  Ray's settings for that
loopback     the one port that does not follow them
supervisord.conf, nginx.conf  of `make run-cluster`: everything on one machine

Django is not imported here: a machine of the cluster has neither a database nor sessions.
"""
