#pragma once

#include "engine/journal/journal.h"

namespace drydock::cli {

// The journal of a look ahead: `plan` shows what a run would do without making one. It holds no
// runs, and writing to it is a bug of ours.
class AbsentJournal final : public journal::Journal {
  public:
    [[nodiscard]] const journal::JournalInfo& info() const override { return info_; }
    [[nodiscard]] std::vector<journal::RunRow> list(const journal::RunFilter&) override {
        return {};
    }
    [[nodiscard]] std::vector<journal::RunRow> find(std::string_view, std::size_t) override {
        return {};
    }
    [[nodiscard]] std::optional<journal::RunRow> newest(std::string_view) override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<journal::RunRow> row(std::int64_t) override { return std::nullopt; }
    [[nodiscard]] std::vector<journal::StoredEvent> events(std::int64_t, std::int64_t,
                                                           std::size_t) override {
        return {};
    }
    [[nodiscard]] std::map<std::string, std::string> parts(std::int64_t) override { return {}; }
    [[nodiscard]] std::vector<journal::Request> requests(std::int64_t) override { return {}; }
    [[nodiscard]] std::optional<journal::Owner> owner(std::int64_t) override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<journal::LockHolder> lock_holder(std::string_view) override {
        return std::nullopt;
    }
    [[nodiscard]] std::vector<journal::StoredLedgerLine> ledger(std::int64_t,
                                                                std::size_t) override {
        return {};
    }
    [[nodiscard]] std::optional<journal::StoredLedgerLine> last_seal(
        std::int64_t) override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<journal::Tip> tip() override { return std::nullopt; }
    [[nodiscard]] std::vector<journal::Head> heads() override { return {}; }
    [[nodiscard]] std::string log_folder(std::string_view) const override { return {}; }

    [[nodiscard]] std::unique_ptr<journal::Claim> create(const journal::NewRun&,
                                                         const journal::Append&) override;
    [[nodiscard]] std::unique_ptr<journal::Claim> claim(std::int64_t) override;
    void append(const journal::Claim&, const journal::Append&) override;
    void submit(const journal::Request&) override;
    bool withdraw(std::string_view) override;
    void add_head(const journal::Head&) override;
    void erase(const journal::Removal&) override;
    void prune(const journal::Removal&) override;

  private:
    journal::JournalInfo info_;
};

}  // namespace drydock::cli
