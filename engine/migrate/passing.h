#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/migrate/apply.h"
#include "engine/migrate/foreign_keys.h"
#include "engine/migrate/pieces.h"
#include "engine/migrate/record.h"
#include "engine/migrate/state.h"

// One migration, one way, as work of a step: in one transaction with its rows in both histories, or
// piece by piece. For one call of apply(), on its thread, under the locks of the histories.
namespace drydock::migrate {

class Passing final {
  public:
    // All outlive it; `state` is what the histories said when the next passage was chosen.
    Passing(sql::StepSession& session, ToolHistory& tool, Records& records, const State& state,
            const ApplyOptions& options);

    // Before the first one of `total`: what stands in the database now.
    void prepare(std::int64_t total);
    Applied::One pass(const Passage& passage);
    // One that was begun and did not end, from where it stopped; `record` is its own.
    Applied::One go_on(const Passage& passage, const Record& record);
    // After a change of the histories that was no passage.
    void look_again();

  private:
    Applied::One run(const Passage& chosen, const Record* record);
    void in_one_transaction(Passage& passage, const std::vector<Piece>& pieces,
                            Microseconds began);
    void piece_by_piece(Passage& passage, const std::vector<Piece>& pieces, const Record* record,
                        Microseconds began);
    void note_beginning(const Passage& passage, std::size_t pieces);
    void run_alone(const Passage& passage, const Piece& piece, std::size_t part,
                   bool may_have_begun);
    // How far it is, in a transaction with `work`.
    void mark(const Passage& passage, std::size_t part, const std::string& what, std::size_t begun,
              const std::function<void()>& work);
    void committed(const Passage& passage, const std::string& key,
                   const std::function<void()>& work);
    [[nodiscard]] std::int64_t open_record();
    [[nodiscard]] Record record_of(const Passage& passage, std::int64_t parts) const;
    // A SQLite file has no lock that could be held over several transactions: whoever else migrates
    // it is seen by what it wrote. In a transaction, before anything of ours is in it.
    void refuse_when_others_came();
    // What the tool's table holds once this transaction is committed.
    void expect_in_tools_table(const Passage& passage);
    void remember_tools_table();
    void tell(const Passage& passage, const std::string& part);

    sql::StepSession& session_;
    sql::Database& database_;
    ToolHistory& tool_;
    Records& records_;
    const State& state_;
    const ApplyOptions& options_;
    ForeignKeys keys_;
    std::vector<std::string> applied_keys_;  // as the tool's table has them, by what we know
    bool tools_table_is_known_ = false;      // it was there when it was read last
    bool cumulative_ = false;                // ToolState::cumulative
    std::int64_t commits_of_others_ = -1;    // SQLite's own count of them; -1: not looked at yet
    std::int64_t newest_record_ = 0, unfinished_id_ = 0;
    std::int64_t count_ = 0, total_ = 0;
    Timestamp began_;
    bool noted_ = false;  // what others have done since is recorded
};

}  // namespace drydock::migrate
