// What a page book remembers, as it lies in the pipeline's snapshot.
#include "engine/paging/page_book.h"

namespace quell::paging {

using incidents::Severity;

void PageBook::Save(ByteWriter& out) const {
  out.Put(linked_);
  out.Put(static_cast<std::uint64_t>(open_.size()));
  for (const auto& [key, told] : open_) {
    out.PutString(key);
    out.Put(told.pages);
    out.Put(told.first_at);
    out.Put(told.last_at);
    out.Put(told.severity);
    out.Put(static_cast<std::uint64_t>(told.scopes.size()));
    for (const Labels& scope : told.scopes) {
      out.Put(static_cast<std::uint64_t>(scope.size()));
      for (const Label& label : scope) {
        out.PutString(label.name);
        out.PutString(label.value);
      }
    }
    out.Put(static_cast<std::uint64_t>(told.services.size()));
    for (const std::string& service : told.services) out.PutString(service);
    out.Put(static_cast<std::uint64_t>(told.kinds.size()));
    for (const std::string& kind : told.kinds) out.PutString(kind);
    out.Put(static_cast<std::uint64_t>(told.places.size()));
    for (const std::uint64_t place : told.places) out.Put(place);
    out.Put(told.news_from);
    out.Put(told.over);
  }
}

bool PageBook::Load(ByteReader& in) {
  constexpr size_t kToldBytesMin = 66;
  open_.clear();
  linked_ = in.Get<std::uint64_t>();
  const size_t incidents = in.GetCount(kToldBytesMin);
  for (size_t i = 0; i < incidents && in.ok(); ++i) {
    Told& told = open_[in.GetString()];
    told.pages = in.Get<std::uint32_t>();
    told.first_at = in.Get<TimeMs>();
    told.last_at = in.Get<TimeMs>();
    const auto severity = in.Get<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(Severity::kCritical)) return false;
    told.severity = static_cast<Severity>(severity);
    const size_t scopes = in.GetCount(sizeof(std::uint64_t));
    for (size_t scope = 0; scope < scopes && in.ok(); ++scope) {
      std::vector<Label> labels(in.GetCount(2 * sizeof(std::uint32_t)));
      for (Label& label : labels) {
        label.name = in.GetString();
        label.value = in.GetString();
      }
      told.scopes.emplace_back(std::move(labels));
    }
    const size_t services = in.GetCount(sizeof(std::uint32_t));
    for (size_t service = 0; service < services && in.ok(); ++service) {
      told.services.insert(in.GetString());
    }
    const size_t kinds = in.GetCount(sizeof(std::uint32_t));
    for (size_t kind = 0; kind < kinds && in.ok(); ++kind) told.kinds.insert(in.GetString());
    const size_t places = in.GetCount(sizeof(std::uint64_t));
    for (size_t place = 0; place < places && in.ok(); ++place) {
      told.places.insert(in.Get<std::uint64_t>());
    }
    told.news_from = in.Get<incidents::AlertId>();
    told.over = in.Get<std::uint8_t>();
    if (told.pages == 0 || told.pages > kPagesMaxCritical || told.scopes.size() < told.pages) {
      return false;
    }
  }
  return in.ok();
}

}  // namespace quell::paging
