// "New normal" of an incident: what each of its odd signals would be expected as, before it is.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { amount, count } from "./format";
import { useResource } from "./hooks";
import type { ExpectedBand, NewNormal, NewNormalSignal } from "./types";
import { Dialog, Failure, LabelList, Loading } from "./ui";

const shownMax = 50;

const bandText = (it: ExpectedBand, unit: string): string =>
  `${amount(it.expected, unit)} (band ${amount(it.band[0], unit)} to ${amount(it.band[1], unit)})`;

function Row({ it }: { it: NewNormalSignal }): JSX.Element {
  const share = it.band_unit !== it.unit ? ", as the share of slow ones" : "";
  return (
    <li class="row row-over">
      <span class="row-title">{it.what}</span>
      <LabelList labels={it.labels} />
      <span class="row-text">
        {amount(it.now, it.unit)} now. Expected{share}: {bandText(it.before, it.band_unit)} so far,{" "}
        <b>{bandText(it.after, it.band_unit)}</b> from then on.
      </span>
      {it.stays && <span class="row-foot">It stays an alert: it is beyond an absolute limit.</span>}
    </li>
  );
}

export function NormalDialog({ id, close, done }: { id: string; close: () => void; done: () => void }): JSX.Element {
  const path = `/api/v1/incidents/${id}/new-normal`;
  const preview = useResource<NewNormal>(path);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      await change("POST", path);
      close();
      done();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  const signals = preview.data?.signals ?? [];
  return (
    <Dialog title="New normal" close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <p class="effect">
          The present level becomes what is expected; the alerts end with it, and the next deviation is from there. Each
          can be taken back under Changes &amp; silences.
        </p>
        {preview.error && <Failure error={preview.error} again={preview.reload} />}
        {!preview.data && !preview.error && <Loading what="what would be expected" lines={2} />}
        {signals.length > 0 && (
          <ul class="rows preview" aria-label="What would be expected">
            {signals.slice(0, shownMax).map((it) => <Row key={it.id} it={it} />)}
          </ul>
        )}
        {signals.length > shownMax && <p class="note">And {count(signals.length - shownMax, "more signal")}.</p>}
        {error && <p class="form-error" role="alert">{error}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy || signals.length === 0}>
            Expect it from now on
          </button>
        </div>
      </form>
    </Dialog>
  );
}
