#include "ingest/history_files.h"

#include <filesystem>
#include <vector>

#include "core/file.h"

namespace quell::ingest {
namespace {

struct HistoryFile {
  std::string path;
  std::uint64_t bytes = 0;
};

Result<std::vector<HistoryFile>> FilesAt(const std::string& path) {
  std::error_code error;
  std::vector<std::string> paths{path};
  if (std::filesystem::is_directory(path, error)) {
    QUELL_ASSIGN(paths, ListFiles(path));
    std::erase_if(paths, [](const std::string& file) {
      return std::filesystem::path(file).filename().string().starts_with('.');
    });
    if (paths.empty()) return MakeError(ErrorCode::kNotFound, path + ": no files in this folder");
  }
  std::vector<HistoryFile> out;
  for (std::string& file : paths) {
    const auto bytes = std::filesystem::file_size(file, error);
    if (error && !std::filesystem::exists(file)) {
      return MakeError(ErrorCode::kNotFound, "cannot open " + file + ": " + error.message());
    }
    out.push_back({std::move(file), error ? 0 : bytes});
  }
  return out;
}

class FileWalk {
 public:
  FileWalk(const LineHandler& handler, HistorySink& sink, HistoryCounters& counters)
      : handler_(handler), sink_(sink), counters_(counters) {}

  Status Run(const std::string& path) {
    QUELL_ASSIGN(const std::vector<HistoryFile> files, FilesAt(path));
    for (const HistoryFile& file : files) bytes_total_ += file.bytes;
    for (const HistoryFile& file : files) QUELL_TRY(ReadOne(file.path));
    return Ok{};
  }

 private:
  Status ReadOne(const std::string& path) {
    QUELL_ASSIGN(const std::unique_ptr<LineSource> source, LineSource::Open(path));
    const std::uint64_t bytes_before = counters_.bytes;
    QUELL_TRY(handler_.on_file_begin());
    std::string_view line;
    std::uint64_t number = 0;
    size_t column = 0;
    for (;;) {
      const Result<bool> more = source->Next(line);
      if (!more.ok()) return Located(more.error(), path, number + 1, 1);
      if (source->BytesRead() + bytes_before != counters_.bytes) {
        counters_.bytes = source->BytesRead() + bytes_before;
        sink_.Progress(counters_.bytes, bytes_total_);
      }
      if (!*more) break;
      ++number;
      const Status taken = handler_.on_line(line, column);
      if (!taken.ok()) return Located(taken.error(), path, number, column);
    }
    const Status ended = handler_.on_file_end();
    if (!ended.ok()) return Located(ended.error(), path, number, 1);
    ++counters_.files;
    return Ok{};
  }

  static Error Located(const Error& error, const std::string& path, std::uint64_t line,
                       size_t column) {
    return MakeError(error.code, path + ':' + std::to_string(line) + ':' + std::to_string(column) +
                                     ": " + error.message);
  }

  const LineHandler& handler_;
  HistorySink& sink_;
  HistoryCounters& counters_;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace

Status ReadLines(const std::string& path, const LineHandler& handler, HistorySink& sink,
                 HistoryCounters& counters) {
  return FileWalk(handler, sink, counters).Run(path);
}

}  // namespace quell::ingest
