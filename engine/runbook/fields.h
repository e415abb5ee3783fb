#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runbook/keys.h"
#include "engine/runbook/report.h"
#include "engine/runbook/source.h"

namespace drydock::runbook {

// Reads one map with known keys: each take() makes its key known, finish() reports all others.
// Short-lived; `node` and `report` must outlive it. Not thread-safe.
class Fields final {
  public:
    // `what` names the map in messages: "a step", "the connection app". Reports a node that is
    // none.
    Fields(const SourceNode& node, std::string what, Report& report);
    // The same for a map whose keys `table` lists: exactly those are to be taken, or we are wrong.
    Fields(const SourceNode& node, std::string what, const KeyTable& table, Report& report);

    // The value of `key`, or null when it is absent.
    [[nodiscard]] const SourceNode* take(std::string_view key);
    // The value of `key`; its absence is reported with `hint`.
    [[nodiscard]] const SourceNode* require(std::string_view key, std::string_view hint);
    // Keys that the format keeps for later: refused with those words.
    void reserve(std::string_view key);
    // A key that was reported already.
    void overlook(std::string_view key);
    // Reports every key that nobody took, with the nearest known one.
    void finish();

    [[nodiscard]] const std::string& what() const noexcept { return what_; }
    [[nodiscard]] bool is_map() const noexcept { return node_.is_map(); }
    [[nodiscard]] Place place() const noexcept { return node_.place; }
    // Where the key itself stands; the map's place when it is absent.
    [[nodiscard]] Place key_place(std::string_view key) const;

  private:
    const SourceNode& node_;
    std::string what_;
    Report& report_;
    const KeyTable* table_ = nullptr;
    std::vector<std::string> known_;
    std::vector<std::string> reserved_;
    std::vector<std::string> overlooked_;
};

// Scalars of settings that take no template. Each reports what it refuses and then returns nullopt.
// `what` names the place: "`count` of the gate".
[[nodiscard]] std::optional<std::string> read_text(const SourceNode& node, std::string_view what,
                                                   Report& report);
[[nodiscard]] std::optional<bool> read_boolean(const SourceNode& node, std::string_view what,
                                               Report& report);
[[nodiscard]] std::optional<std::int64_t> read_integer(const SourceNode& node,
                                                       std::string_view what, Report& report);
// One of `words`.
[[nodiscard]] std::optional<std::size_t> read_word(const SourceNode& node, std::string_view what,
                                                   const std::vector<std::string>& words,
                                                   Report& report);
// A name as the format wants it: a small letter, then small letters, digits and `extra`.
[[nodiscard]] bool is_name(std::string_view text, std::string_view extra);
[[nodiscard]] std::optional<std::string> read_name(const SourceNode& node, std::string_view what,
                                                   std::string_view extra, Report& report);
[[nodiscard]] std::vector<std::string> read_texts(const SourceNode& node, std::string_view what,
                                                  Report& report);

// "…, did you mean `x`?" as a hint, or `otherwise`.
[[nodiscard]] std::string nearest_hint(std::string_view word,
                                       const std::vector<std::string>& candidates,
                                       std::string_view otherwise);

}  // namespace drydock::runbook
