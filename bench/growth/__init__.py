"""A queueing simulation of Token Wheel from one class to a million students.

service_times  the measured times that the simulation needs, as a JSON file
measure        `python -m bench.growth.measure`: measures them on this machine
queues         the web processes and the engine replicas as queues
simulation     students that click, and the latencies that they see
sizing         the smallest deployment that reaches the targets, its cores and its price
shards         growth beyond one simulation: equal shards
report, chart  the results as a table and as a chart
__main__       `make simulate`
check          `python -m bench.growth.check`: one real server beside its simulation
"""
