// quell train-dedup: the duplicate classifier, fitted on a history and held against its later part.
#include "replay/dedup/train_dedup.h"

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "core/file.h"
#include "core/hash.h"
#include "replay/dedup/model_json.h"
#include "replay/streams/alert_history.h"

namespace quell::cli {
namespace {

constexpr int kRefused = 3;
constexpr size_t kHistoryBytesMax = 1U << 30U;

struct Flags {
  std::string history, feedback, out;
  dedup::TrainOptions train;
};

Result<bool> Train(const Flags& flags) {
  QUELL_ASSIGN(const std::string text, ReadFile(flags.history, kHistoryBytesMax));
  QUELL_ASSIGN(streams::AlertStream history, streams::ParseAlertHistory(text, flags.history));
  std::string feedback;
  if (!flags.feedback.empty()) {
    QUELL_ASSIGN(feedback, ReadFile(flags.feedback, kHistoryBytesMax));
    QUELL_ASSIGN(const size_t used, streams::ApplyFeedback(feedback, flags.feedback, history));
    std::printf("feedback: %zu records correct the history\n", used);
  }
  QUELL_ASSIGN(const dedup::Trained trained, dedup::TrainDedup(std::move(history), flags.train));
  std::fputs(dedup::FormatTrained(trained).c_str(), stdout);
  if (!trained.refused.empty()) {
    std::printf("train-dedup: refused, nothing was written: %s\n", trained.refused.c_str());
    return false;
  }
  const std::string digest = Sha256Hex(text + feedback);
  QUELL_TRY(WriteFileAtomic(flags.out, dedup::ModelJson(trained, digest)));
  std::printf("train-dedup: written %s; use it by incidents.dedup_model\n", flags.out.c_str());
  return true;
}

}  // namespace

void AddTrainDedup(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "train-dedup",
      "Fit a small model of which alerts belong together on a history of alerts with their\n"
      "incidents, hold it against the built-in weights on the later part, and write it if it is\n"
      "better there (docs/clustering.md).\n\n"
      "Exit codes: 0 written, 3 refused (no better than the built-in weights), 1 failed (too\n"
      "little history among the reasons), 2 wrong command line.");
  verb->add_option("--history", flags->history, "alerts with their incidents, JSON")
      ->type_name("FILE")
      ->required();
  verb->add_option("--feedback", flags->feedback, "what GET /api/v1/feedback gave: merges, splits")
      ->type_name("FILE");
  verb->add_option("--held-out", flags->train.held_out,
                   "share of the alerts to judge by, the latest")
      ->check(CLI::Range(0.1, 0.5))
      ->capture_default_str();
  verb->add_option("--out,-o", flags->out, "the model to write")->type_name("FILE")->required();
  verb->callback([flags, &exit_code] {
    const Result<bool> written = Train(*flags);
    exit_code = !written.ok() ? Fail(written.error()) : *written ? 0 : kRefused;
  });
}

}  // namespace quell::cli
