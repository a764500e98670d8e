"""Raw Prometheus series for notebooks: read from an OpenMetrics file or a Prometheus server, put on a grid.

Times are epoch seconds. A grid is an array of step ends; the value at an end is what was known then. Needs NumPy."""

import array
import datetime
import gzip
import json
import re
import urllib.parse
import urllib.request

import numpy as np

LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
ESCAPED = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
WINDOW_SECONDS = 6 * 3600  # of one request to a server


class Series:
    """One series; samples in time order, each time once."""

    def __init__(self, labels, times, values):
        times, first = np.unique(np.asarray(times, dtype=float), return_index=True)
        self.labels, self.times, self.values = labels, times, np.asarray(values, dtype=float)[first]


def _labels(text):
    return {name: re.sub(r"\\.", lambda found: ESCAPED.get(found[0], found[0]), value)
            for name, value in LABEL.findall(text)}


def from_openmetrics(path, names):
    """{name: [Series]} of the named metrics in a file with timestamps, .gz or not."""
    found = {}  # the text before the value: (times, values)
    opened = gzip.open(path, "rt") if str(path).endswith(".gz") else open(path)
    with opened as lines:
        for line in lines:
            if line.startswith("#") or line.partition("{")[0].partition(" ")[0] not in names:
                continue
            if " # " in line:  # an exemplar
                line = line.partition(" # ")[0]
            head, value, time = line.rsplit(" ", 2)
            times, values = found.setdefault(head, (array.array("d"), array.array("d")))
            times.append(float(time))
            values.append(float(value))
    out = {name: [] for name in names}
    for head, (times, values) in found.items():
        name, _, labels = head.partition("{")
        out[name].append(Series(_labels(labels), times, values))
    return out


def from_prometheus(url, names, start, end):
    """{name: [Series]} of raw samples, as they were scraped, from a server's HTTP API."""
    out = {}
    for name in names:
        found = {}
        for begin in np.arange(start, end, WINDOW_SECONDS):
            until = min(begin + WINDOW_SECONDS, end)
            query = urllib.parse.urlencode({"query": f"{name}[{int(until - begin)}s]", "time": f"{until:.3f}"})
            with urllib.request.urlopen(f"{url.rstrip('/')}/api/v1/query?{query}", timeout=120) as answer:
                result = json.load(answer)["data"]["result"]
            for one in result:
                labels = {key: value for key, value in one["metric"].items() if key != "__name__"}
                times, values = found.setdefault(tuple(sorted(labels.items())), ([], []))
                times.extend(time for time, _ in one["values"])
                values.extend(float(value) for _, value in one["values"])
        out[name] = [Series(dict(key), *samples) for key, samples in found.items()]
    return out


def grid_of(series, step):
    """Step ends, aligned to the epoch, over all that the series have."""
    first = min(one.times[0] for one in series)
    last = max(one.times[-1] for one in series)
    return np.arange(np.ceil(first / step) * step, last + step, step)


def increases(series, grid):
    """What a counter grew by in each step. A fall is a restart from zero; the first sample only begins."""
    grown = np.diff(series.values)
    grown = np.where(grown < 0, series.values[1:], grown)
    at = np.searchsorted(grid, series.times[1:])
    kept = (at < len(grid)) & np.isfinite(grown)
    return np.bincount(at[kept], weights=grown[kept], minlength=len(grid))


def samples(series, grid):
    """How many samples came in each step."""
    at = np.searchsorted(grid, series.times)
    return np.bincount(at[at < len(grid)], minlength=len(grid))


def last_values(series, grid, stale=300):
    """A gauge's latest sample at each step's end; NaN where it is older than `stale` seconds."""
    at = np.searchsorted(series.times, grid, side="right") - 1
    known = (at >= 0) & (grid - series.times[np.maximum(at, 0)] <= stale)
    return np.where(known, series.values[np.maximum(at, 0)], np.nan)


def group(series, without, of):
    """{labels as sorted pairs, less those in `without`: sum of of(one) over the group's series}."""
    out = {}
    for one in series:
        key = tuple(sorted((name, value) for name, value in one.labels.items() if name not in without))
        out[key] = out[key] + of(one) if key in out else of(one)
    return out


def over(values, steps):
    """Sums of the last `steps` steps."""
    total = np.concatenate([np.zeros(1), np.cumsum(values)])
    before = np.maximum(np.arange(1, len(total)) - steps, 0)
    return total[1:] - total[before]


def robust_scale(values):
    """Standard deviation by the median absolute deviation, as if normal; at least a thousandth."""
    values = values[np.isfinite(values)]
    return max(1.4826 * np.median(np.abs(values - np.median(values))), 1e-3) if len(values) else 1.0


def hour_of_week(grid, zone):
    """0 (Monday, midnight) to 167 in the local civil time of a tzinfo."""
    hours, which = np.unique(grid // 3600, return_inverse=True)
    local = [datetime.datetime.fromtimestamp(hour * 3600, zone) for hour in hours]
    return np.array([24 * at.weekday() + at.hour for at in local])[which]


def seasonal_residual(values, hours, learn):
    """Values less what is usual in their local hour of week: the median while learning, of the hour of the day where
    that hour of week has none, of all where that has none either."""
    usual = np.full(168, np.nan)
    known = learn & np.isfinite(values)
    everything = np.median(values[known]) if known.any() else 0.0
    for hour in range(168):
        for same in (hours == hour, hours % 24 == hour % 24):
            if (known & same).any():
                usual[hour] = np.median(values[known & same])
                break
    usual = np.where(np.isfinite(usual), usual, everything)
    return values - usual[hours], usual


def auc(feature, positive):
    """Area under the ROC curve: how often a positive step has the larger value (ties: half). NaN without both."""
    known = np.isfinite(feature)
    feature, positive = feature[known], positive[known]
    positives = int(positive.sum())
    if positives in (0, len(feature)):
        return float("nan")
    _, which, count = np.unique(feature, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[which]
    return float((rank[positive].sum() - positives * (positives + 1) / 2) / (positives * (len(feature) - positives)))


def is_about(labels, affected):
    """Whether one of an incident's alternatives has no other labels than these; none at all is about everything."""
    return not affected or any(alternative.get("match", {}).items() <= labels.items() for alternative in affected)
