#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace drydock {

// A text that must not be seen. It has no stream operator, no formatter and no comparison with
// plain text, so it reaches a log, an error or the journal only by an explicit reveal(), and the
// places that may reveal are one list (format.md). Copies share the text; the last one wipes it.
// Safe to share between threads: the text never changes.
class Secret final {
  public:
    // `name` is what is shown in its place: "<secret owner_password>".
    Secret(std::string name, std::string text);

    [[nodiscard]] const std::string& name() const noexcept;
    // The text itself. Every call site is a place on the list.
    [[nodiscard]] const std::string& reveal() const noexcept;
    [[nodiscard]] std::string shown() const;

    friend bool operator==(const Secret& left, const Secret& right) noexcept {
        return left.held_ == right.held_;
    }

  private:
    struct Held;
    std::shared_ptr<const Held> held_;
};

}  // namespace drydock
