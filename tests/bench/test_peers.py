"""The comparison with other libraries, without them."""

from bench import peers


def test_ours_and_the_peers_are_measured_in_turn_and_the_medians_are_kept():
    calls, times = [], iter([1.0, 9.0, 5.0, 9.0, 2.0, 9.0, 3.0, 9.0, 4.0, 9.0])

    def step(name):
        def seconds(size):
            calls.append((name, size))
            return next(times)

        return seconds

    found = peers.measure(30, step("ours"), {"float32": step("peer")})
    assert calls == [("ours", 30), ("peer", 30)] * peers.NUM_ROUNDS
    assert found == [3.0, 9.0]


def test_a_row_has_milliseconds_and_how_many_times_ours_is_as_fast():
    words = peers.row(1, [0.020, 0.030, 0.010]).split()
    assert words == ["batch", "1", "ours", "20.0", "30.0", "(1.50x)", "10.0", "(0.50x)"]


def test_without_the_library_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert list(peers.lines()) == [peers.NOT_INSTALLED]
