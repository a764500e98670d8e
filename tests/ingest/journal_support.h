// Verbs for journal tests.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "ingest/file_ops.h"
#include "ingest/journal.h"
#include "ingest/journal_format.h"
#include "ingest/journal_writer.h"
#include "tests/ingest/temp_folder.h"

namespace quell::ingest {

inline JournalOptions OptionsFor(const TempFolder& folder) {
  JournalOptions options;
  options.folder = folder.path();
  return options;
}

inline std::unique_ptr<Journal> MustOpen(const JournalOptions& options, Clock& clock,
                                         FileOps& ops = SystemFileOps()) {
  Result<std::unique_ptr<Journal>> journal = OpenJournalOn(options, clock, ops);
  if (!journal.ok()) FAIL(journal.error().message);
  return *std::move(journal);
}

inline std::uint64_t MustAppend(Journal& journal, std::string_view payload,
                                TimeMs received = 1000) {
  const Result<std::uint64_t> sequence = journal.Append(RecordKind::kSamples, received, payload);
  if (!sequence.ok()) FAIL(sequence.error().message);
  return *sequence;
}

struct ReadBack {
  std::vector<JournalRecord> records;
  std::string error;
};

inline ReadBack ReadAll(const std::string& folder, std::uint64_t from = 1) {
  ReadBack out;
  Result<std::unique_ptr<JournalReader>> reader = JournalReader::Open(folder, from);
  if (!reader.ok()) {
    out.error = reader.error().message;
    return out;
  }
  for (;;) {
    Result<std::optional<JournalRecord>> next = (*reader)->Next();
    if (!next.ok()) {
      out.error = next.error().message;
      return out;
    }
    if (!next->has_value()) return out;
    out.records.push_back(std::move(**next));
  }
}

// A disk that breaks when told.
class FaultyDisk final : public FileOps {
 public:
  int Create(const std::string& path) override {
    if (fail_create) return errno = ENOSPC, -1;
    return SystemFileOps().Create(path);
  }
  std::ptrdiff_t Write(int fd, const char* data, std::size_t count) override {
    ++writes;
    const std::int64_t room = write_room;
    if (room < 0) return SystemFileOps().Write(fd, data, count);
    if (room == 0) return errno = write_error, -1;
    const auto part = std::min(count, static_cast<std::size_t>(room));
    write_room = room - static_cast<std::int64_t>(part);
    return SystemFileOps().Write(fd, data, part);
  }
  int Sync(int fd) override {
    ++syncs;
    if (fail_syncs > 0) {
      --fail_syncs;
      return errno = EIO, -1;
    }
    return SystemFileOps().Sync(fd);
  }
  int SyncFolder(const std::string& path) override { return SystemFileOps().SyncFolder(path); }
  int Truncate(int fd, std::uint64_t size) override {
    if (fail_truncate) return errno = EIO, -1;
    return SystemFileOps().Truncate(fd, size);
  }

  std::atomic<std::int64_t> write_room{-1};  // bytes until writes fail; -1 = no limit
  std::atomic<int> write_error{ENOSPC};
  std::atomic<int> fail_syncs{0};
  std::atomic<int> syncs{0}, writes{0};
  std::atomic<bool> fail_truncate{false}, fail_create{false};
};

}  // namespace quell::ingest
