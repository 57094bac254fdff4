"""The engine as a Ray Serve application, and a cluster of everything on one machine.

replica      the deployment: one engine with one model, behind the protocol of the remote engine
answers      its HTTP answers
application  builds the Ray Serve application of a model from its arguments
serve.yaml   the applications of all models, for `serve run` and `serve deploy`
local        `make run-cluster`: Ray, Redis, two replicas, two web processes and nginx

Django is not imported here: a machine of the cluster has neither a database nor sessions.
"""
