using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// Layers that are not values: what their constructor does not take is lost in copies, files and text, what is compared
/// by reference is never equal, and parts that cannot be put back cannot be replaced.
/// </summary>
internal static class ValueProblems
{
    private static readonly ConditionalWeakTable<Type, object> known = [];

    /// <summary>What keeps the layers of a model from being values, each with the path of the layer.</summary>
    public static Many<Error> Of(Placement model) =>
        model.All.Bind(place => Of(place.Layer).Map(e => e.At(place.Path))).Distinct();

    private static Many<Error> Of(Layer layer)
    {
        var ofType = (Many<Error>)known.GetValue(layer.GetType(), type => OfType(type));
        var ofParts =
            layer.Parts.IsEmpty || Overrides(layer.GetType(), nameof(Layer.With))
                ? (Many<Error>)[]
                : [PartsWithoutWith(layer.GetType())];
        return ofType + ofParts + (ofType.IsEmpty ? Lost(layer).ToMany() : []);
    }

    private static Many<Error> OfType(Type type)
    {
        if (Schema.TryOf(type).IsNone)
            return
            [
                Error.Misfit(
                    $"{Name(type)} has a constructor whose parameters are not its properties",
                    "a record whose constructor takes all that it is",
                    $"declare it as record {Name(type)}(...) : Layer<A, B>"
                ),
            ];
        return Schema
            .Of(type)
            .Fields.ToMany()
            .Choose(field =>
                ByReference(field.Type, [])
                    .Map(found =>
                        Error.Misfit(
                            $"{Name(type)} holds a {Shown(found)} in {field.Name}, which is compared by "
                                + "reference: two equal layers would differ",
                            "values: numbers, text, enumerations, lists as Many, options, records and layers",
                            found.IsAssignableTo(typeof(Delegate))
                                ? "say the function in the language, as a Pointwise formula or a layer"
                                : "hold a Many in its place"
                        )
                    )
            );
    }

    /// <summary>
    /// State that the constructor does not take: the layer made again of its constructor's arguments is another.
    /// </summary>
    private static Option<Error> Lost(Layer layer)
    {
        var schema = Schema.Of(layer.GetType());
        var again = schema.Constructor.Invoke([.. schema.Fields.Select(field => field.Of(layer))]);
        return layer.Equals(again)
            ? None
            : Error.Misfit(
                $"{Name(layer.GetType())} has state that its constructor does not take: it is lost in files and text",
                "a record whose constructor takes all that it is",
                "make that property a parameter of the constructor"
            );
    }

    private static Error PartsWithoutWith(Type type) =>
        Error.Misfit(
            $"{Name(type)} has Parts and no With: what is inside it cannot be replaced",
            "With beside Parts",
            $"override With(parts) to make the {Name(type)} anew from other parts"
        );

    /// <summary>The part of a type that is compared by reference, if there is one.</summary>
    private static Option<Type> ByReference(Type type, Many<Type> within)
    {
        if (
            within.Contains(type)
            || type.IsPrimitive
            || type.IsEnum
            || type == typeof(string)
            || type.IsAssignableTo(typeof(Layer))
        )
            return None;
        if (type.IsArray || type.IsAssignableTo(typeof(Delegate)))
            return type;
        if (Holds(type))
            return First(type.GenericTypeArguments.ToMany(), within.Add(type));
        if (type.IsInterface)
            return type.IsAssignableTo(typeof(IEnumerable)) ? type : Option<Type>.None;
        if (!type.IsValueType && !type.IsAbstract && !Overrides(type, nameof(Equals), typeof(object)))
            return type;
        return IsRecord(type)
            ? First(Schema.Of(type).Fields.Select(field => field.Type).ToMany(), within.Add(type))
            : None;
    }

    private static Option<Type> First(Many<Type> types, Many<Type> within) =>
        types.Choose(type => ByReference(type, within)) is [var first, ..] ? first : Option<Type>.None;

    // Other type arguments are kinds, of which there are no values.
    private static bool Holds(Type type) =>
        type.IsGenericType
        && (
            type.IsAssignableTo(typeof(ITuple))
            || type.GetGenericTypeDefinition() is var definition
                && (definition == typeof(Many<>) || definition == typeof(Option<>) || definition == typeof(Nullable<>))
        );

    private static bool IsRecord(Type type) =>
        type is { IsAbstract: false, IsGenericTypeDefinition: false } && Schema.TryOf(type).IsSome;

    private static bool Overrides(Type type, string method) => Overrides(type, method, typeof(Many<Layer>));

    private static bool Overrides(Type type, string method, Type parameter) =>
        type.GetMethod(method, BindingFlags.Public | BindingFlags.Instance, [parameter])?.DeclaringType is { } declaring
        && declaring != typeof(Layer)
        && declaring != typeof(object);

    private static string Name(Type type) => type.Name.Split('`')[0];

    private static string Shown(Type type) =>
        type.IsGenericType ? $"{Name(type)}<{string.Join(", ", type.GenericTypeArguments.Select(Shown))}>" : type.Name;
}
