// The fields of alerts, changes and incidents in a state snapshot
// (docs/formats/incident_engine.md).
//
// A reader that fails leaves in.ok() false; values read from then on are empty.
#pragma once

#include "core/bytes.h"
#include "engine/incidents/change.h"
#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

void PutLabels(ByteWriter& out, const Labels& labels);
Labels GetLabels(ByteReader& in);
void PutChange(ByteWriter& out, const Change& change);
Change GetChange(ByteReader& in);
void PutAlert(ByteWriter& out, const Alert& alert);
Alert GetAlert(ByteReader& in);
PageReason GetReason(ByteReader& in);  // the first where it is none
void PutIncident(ByteWriter& out, const Incident& incident);
Incident GetIncident(ByteReader& in);

}  // namespace quell::incidents
