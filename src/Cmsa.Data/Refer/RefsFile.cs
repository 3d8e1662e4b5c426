using Cmsa.Pickle;
using LanguageExt;
using static Cmsa.Data.Refer.PlainFields;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Refer;

/// <summary>The references of a REFER data set.</summary>
/// <param name="References">Those that belong to a split and have sentences, in the order of the file.</param>
/// <param name="Skipped">Why the others could not be read; their sentences cannot be counted.</param>
internal sealed record RefsFile(Many<Reference> References, Many<Error> Skipped)
{
    // How gRefCOCO marks an expression that names nothing.
    private static readonly Many<long> NoAnnotation = [-1];

    /// <summary>
    /// Reads <c>refs(SPLIT).p</c>. An error that names the file where it is missing, is refused, is no list, or has
    /// not a single reference that can be read.
    /// </summary>
    public static Either<Error, RefsFile> Read(string path) =>
        from bytes in FileReader.Bytes(path)
        from value in PickleReader
            .Read(bytes)
            .MapLeft(wrong => new Error(wrong.ToString(), path, "copy the file again from its source"))
        from entries in Items(value).ToEither(new Error("holds no list of references", path))
        from references in All(entries, path)
        select references;

    private static Either<Error, RefsFile> All(Many<PickleValue> entries, string path)
    {
        var (references, skipped) = (new List<Reference>(), new List<Error>());
        for (var i = 0; i < entries.Count; i++)
            One(entries[i], i, $"{path}, entry {i}").Match(references.Add, skipped.Add);
        return references.Count == 0 && skipped.Count > 0
            ? skipped[0]
            : new RefsFile(references.ToMany(), skipped.ToMany());
    }

    private static Either<Error, Reference> One(PickleValue value, int index, string place)
    {
        if (value is not PickleValue.Dict entry)
            return new Error("not a reference: no dictionary", place);
        var name = Field(entry, "ref_id").Bind(Whole).Match(id => $"{id}", () => $"#{index}");
        return from split in Field(entry, "split").Bind(Text).ToEither(new Error("a reference without a split", place))
               from sentences in Field(entry, "sentences")
                   .Bind(Items)
                   .ToEither(new Error("a reference without a list of sentences", place))
               let said = sentences.Select((sentence, i) => Said(sentence, i)).ToMany()
               select new Reference(name, string.Intern(split), TargetOf(entry), said);
    }

    private static Either<Error, Target> TargetOf(PickleValue.Dict entry) =>
        from image in Ids(entry, "image_id").Filter(ids => ids.Count == 1).ToEither(new Error("it has no image_id"))
        from annotations in Ids(entry, "ann_id").ToEither(new Error("its ann_id is no number and no list of numbers"))
        let categories = Ids(entry, "category_id").IfNone([])
        let named = annotations == NoAnnotation ? [] : annotations
        select new Target(image[0], named, categories);

    // A number, or a list of them (gRefCOCO): several regions, or an expression that names nothing.
    private static Option<Many<long>> Ids(PickleValue.Dict entry, string key)
    {
        if (Field(entry, key).Case is not PickleValue value)
            return entry.Find(key).Map(_ => new Many<long>());
        if (Items(value).Case is not Many<PickleValue> items)
            return Whole(value).Map(id => (Many<long>)[id]);
        var ids = items.Choose(Whole);
        return ids.Count == items.Count ? Some(ids) : None;
    }

    private static ReferSentence Said(PickleValue value, int index)
    {
        var entry = value as PickleValue.Dict;
        var name = Optional(entry).Bind(e => Field(e, "sent_id")).Bind(Whole).Match(id => $"{id}", () => $"#{index}");
        var text = Optional(entry).Bind(e => Field(e, "sent")).Bind(Text).Map(sentence => sentence.Trim());
        return new(name, text.ToEither(new Error("a sentence without a text")));
    }
}
