"""Runs a notebook's cells in this interpreter and says, as JSON on the last line of stdout, what they drew and what
expressions in their scope are:  notebook_run.py NOTEBOOK [EXPRESSION...]

{"plots": {title: points}, "values": [...]}; points are finite ones of curves, marks, bars and pictures, not of what
only decorates (straight lines without marks, shades behind the data)."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402, after the choice of what draws
import numpy as np  # noqa: E402


def points(axes):
    count = 0
    for line in axes.get_lines():
        xy = np.asarray(line.get_xydata(), dtype=float)
        if len(xy) > 2 or line.get_marker() not in ("None", "", None):
            count += int(np.isfinite(xy).all(axis=1).sum())
    for marks in axes.collections:
        count += int(np.isfinite(np.ma.filled(marks.get_offsets(), np.nan)).all(axis=1).sum())
    for bar in axes.patches:
        if bar.get_zorder() > 0 and hasattr(bar, "get_height"):
            count += bool(bar.get_height() and bar.get_width())
    for picture in axes.get_images():
        count += int(np.isfinite(np.ma.filled(picture.get_array(), np.nan)).sum())
    return count


def plots():
    found = {}
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
        for axes in plt.figure(number).axes:
            if axes.get_title():
                assert axes.get_title() not in found, f"two plots are called {axes.get_title()}"
                found[axes.get_title()] = points(axes)
    return found


def main():
    path = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(path.parent))
    scope = {}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), path.name, "exec"), scope)
    values = [eval(expression, scope) for expression in sys.argv[2:]]
    print("\n" + json.dumps({"plots": plots(), "values": values}, default=float))


main()
