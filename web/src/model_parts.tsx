// What a version would change, and whether its gates hold.
import type { JSX } from "preact";
import { words } from "./format";
import type { ModelDetails } from "./types";
import { Tag } from "./ui";

export function Changes({ model }: { model: ModelDetails }): JSX.Element {
  if (model.changes.length === 0) return <p class="note">The same settings as those that decide now.</p>;
  return (
    <ul class="words">
      {model.changes.map((one) => (
        <li key={one.key}><b>{one.key}</b>: {one.from ?? "not set"} → {one.to ?? "not set"}</li>
      ))}
    </ul>
  );
}

export function Gates({ model }: { model: ModelDetails }): JSX.Element {
  return (
    <ul class="words">
      {model.gates.map((one) => (
        <li key={one.gate}>
          <Tag kind={one.holds ? "live" : "alarm"}>{one.holds ? "Holds" : "Fails"}</Tag> {words(one.gate)}{" "}
          {one.seen === null ? "not measured" : Number(one.seen.toPrecision(3))}, asked for:{" "}
          {one.at_most === undefined ? `at least ${one.at_least ?? 0}` : `at most ${one.at_most}`}
        </li>
      ))}
      {model.gates.length === 0 && <li>None are asked for.</li>}
    </ul>
  );
}
