import LedgerTypes

/// A case as people name it: its id, or `case:` and its id.
enum CaseArgument {
    /// The case that `text` names.
    static func subject(_ text: String) throws(CommandFailure) -> Subject {
        let subject = text.hasPrefix("case:") ? Subject(text) : Subject(kind: "case", id: text)
        guard let subject else {
            throw CommandFailure(
                "\"\(DisplayText.clip(DisplayText.clean(text), to: 40))\" is not a case id",
                nextStep: "a case id has 1 to \(Subject.idBytesMax) bytes and no control "
                    + "characters or outer spaces, such as 4711 or case:4711",
                exit: .usage
            )
        }
        return subject
    }
}
