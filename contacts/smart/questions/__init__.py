"""The questions that contacts themselves answer, by subject."""


def fill() -> None:
    """Called once, from AppConfig.ready."""
    from contacts.smart import criteria
    from contacts.smart.questions import birthdays, custom, groups, history, imports, numbers, person

    for subject in (person, numbers, groups, history, imports, birthdays):
        for question in subject.ALL:
            criteria.questions.register(question.name, question, order=10)
    criteria.families.register("custom", custom.questions, order=20)
    criteria.references.register(groups.GROUP, groups.names)
    criteria.references.register(imports.IMPORT, imports.names)
