#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/diagnostic.h"

namespace drydock::runbook {

// Collects what is wrong with one text, so that a single pass tells all of it. Knows the lines of
// the text for the caret. Owned by whoever reads the text; not thread-safe.
class Report final {
  public:
    // `path` as the user named the file. `text` must outlive the report.
    Report(std::string path, std::string_view text);

    void add(Place place, std::string message, std::string hint = {});
    [[nodiscard]] bool empty() const noexcept { return found_.empty(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    // The line `number` (from 1) without its line break; "" when there is none.
    [[nodiscard]] std::string_view line(std::uint32_t number) const;
    // What was found, by place; the report is empty afterwards.
    [[nodiscard]] Diagnostics take();

  private:
    std::string path_;
    std::vector<std::string_view> lines_;
    Diagnostics found_;
};

}  // namespace drydock::runbook
