using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// Finding and replacing parts of a model: by type, by path, by predicate. A replaced model is a new value; the old
/// one stays as it is.
/// </summary>
public static class Selection
{
    extension<A, B>(Layer<A, B> model)
    {
        /// <summary>
        /// The model and all its parts, outermost first, each with its path. A part that is there for every level has
        /// <c>*</c> in the level's place.
        /// </summary>
        public Many<Placement> Everything => Placement.Of(model).All;

        /// <summary>
        /// The model with the part at a path replaced. Where the path names a level of a layer that all levels have,
        /// that level alone changes.
        /// </summary>
        /// <param name="path">Such as <c>res5.attention</c>, or <c>*.attention</c> for all levels.</param>
        /// <param name="with">What stands there instead, of the same kinds.</param>
        /// <exception cref="ArgumentException">
        /// Nothing stands at the path, or what stands there has other kinds.
        /// </exception>
        public Layer<A, B> Replace(string path, Layer with) => model.Replace(path, _ => with);

        /// <inheritdoc cref="Replace{A, B}(Layer{A, B}, string, Layer)"/>
        public Layer<A, B> Replace(string path, Func<Layer, Layer> change)
        {
            var found = Placement.Of(model);
            var wanted = Surgery.Outermost(found, p => p.Path == path);
            if (wanted.IsEmpty && Surgery.Specialise(found, path) is { } special && !special.Equals(model))
                return ((Layer<A, B>)special).Replace(path, change);
            if (!wanted.IsEmpty)
                return (Layer<A, B>)Surgery.Change(found, p => wanted.Contains(p), change);
            var paths = found.All.Map(p => p.Path).Filter(p => p.Length > 0).Distinct();
            throw new ArgumentException(
                $"Nothing stands at {path}. There is {string.Join(", ", paths)}.",
                nameof(path)
            );
        }

        /// <summary>
        /// The model with all parts replaced that a predicate holds for; what is inside a replaced part is not looked
        /// at.
        /// </summary>
        /// <exception cref="ArgumentException">There is none, or what stands there instead has other kinds.</exception>
        public Layer<A, B> Replace(Func<Placement, bool> where, Func<Layer, Layer> change)
        {
            var found = Placement.Of(model);
            return found.All.Exists(where)
                ? (Layer<A, B>)Surgery.Change(found, where, change)
                : throw new ArgumentException("No part of the model is what was to be replaced.", nameof(where));
        }
    }

    extension(Layer model)
    {
        /// <summary>All parts of a type, each with its path.</summary>
        public Many<Placement> Select<T>()
            where T : Layer => Placement.Of(model).All.Filter(p => p.Layer is T);
    }
}

internal static class Surgery
{
    /// <summary>The outermost of the parts that a predicate holds for.</summary>
    public static Many<Placement> Outermost(Placement at, Func<Placement, bool> where) =>
        where(at) && at.Path.Length > 0 ? [at] : at.Parts.Bind(p => Outermost(p, where));

    /// <summary>The layer with the parts changed that a predicate holds for.</summary>
    public static Layer Change(Placement at, Func<Placement, bool> where, Func<Layer, Layer> change)
    {
        if (where(at))
            return SameKinds(at, change(at.Layer));
        var parts = at.Parts.Map(p => Change(p, where, change));
        return parts == at.Layer.Parts ? at.Layer : at.Layer.With(parts);
    }

    /// <summary>
    /// The model in which the level that a path names has a layer of its own, where all levels had one.
    /// </summary>
    public static Layer? Specialise(Placement at, string path)
    {
        if (
            at.Layer is ILevels levels
            && LevelOf(at.Path, path) is { } level
            && levels.Specialise(level) is { } special
        )
            return special;
        var parts = at.Parts.Map(p => Specialise(p, path) ?? p.Layer);
        return parts != at.Layer.Parts ? at.Layer.With(parts) : null;
    }

    private static string? LevelOf(string prefix, string path) =>
        prefix.Length == 0 ? path.Split('.')[0]
        : path.StartsWith(prefix + ".", StringComparison.Ordinal) ? path[(prefix.Length + 1)..].Split('.')[0]
        : null;

    private static Layer SameKinds(Placement at, Layer replacement) =>
        replacement.In == at.Layer.In && replacement.Out == at.Layer.Out
            ? replacement
            : throw new ArgumentException(
                $"{at.Path}: {Brief.Of(replacement, 100)} takes {replacement.In} and gives {replacement.Out};"
                    + $" in the place of {Brief.Of(at.Layer, 100)} it must take {at.Layer.In} and give {at.Layer.Out}."
            );
}

/// <summary>A layer that does the same on every level.</summary>
internal interface ILevels
{
    /// <summary>What every level gets that has no layer for itself.</summary>
    Layer Body { get; }

    /// <summary>Whether all levels get the same.</summary>
    bool IsUniform { get; }

    /// <summary>
    /// The layer with one for this level alone, at first like the others'; none where the level has one.
    /// </summary>
    Layer? Specialise(string level);

    /// <summary>The layer together with the <see cref="Distribute{A, B}"/> before it as a document.</summary>
    Written WriteDistributed(Text text);
}
