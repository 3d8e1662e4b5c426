using System.Collections.Concurrent;
using System.Reflection;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa;

/// <summary>
/// What a record is made of: its constructor's parameters, which are also its properties. Text and JSON are both
/// readings of this.
/// </summary>
internal sealed record Schema(ConstructorInfo Constructor, IReadOnlyList<Field> Fields)
{
    private static readonly ConcurrentDictionary<Type, Schema> known = new();

    /// <summary>What a type is made of, if it is a record.</summary>
    public static Option<Schema> TryOf(Type type) =>
        Chosen(type) is { } constructor && IsOfProperties(constructor, type) ? Some(Of(type)) : None;

    // The longest of those whose parameters are properties; where there is none the longest, for the error to name.
    private static ConstructorInfo? Chosen(Type type) =>
        type.GetConstructors()
            .OrderByDescending(c => IsOfProperties(c, type))
            .ThenByDescending(c => c.GetParameters().Length)
            .FirstOrDefault();

    private static bool IsOfProperties(ConstructorInfo constructor, Type type) =>
        constructor.GetParameters().All(p => type.GetProperty(p.Name ?? "") is not null);

    public static Schema Of(Type record) =>
        known.GetOrAdd(
            record,
            static type =>
                Chosen(type) is { } constructor
                    ? new(
                        constructor,
                        [
                            .. constructor
                                .GetParameters()
                                .Select(p => new Field(
                                    p,
                                    type.GetProperty(p.Name!)
                                        ?? throw new InvalidOperationException(
                                            $"{type.Name} has a constructor's parameter {p.Name} that is no "
                                                + "property of it; it is no record."
                                        )
                                )),
                        ]
                    )
                    : throw new InvalidOperationException($"{type.Name} has no public constructor.")
        );
}

/// <summary>A parameter of a record's constructor, with the property that holds it.</summary>
internal sealed record Field(ParameterInfo Parameter, PropertyInfo Property)
{
    public string Name => Property.Name;

    public Type Type => Property.PropertyType;

    /// <summary>The names that the parameter had in earlier versions.</summary>
    public IEnumerable<string> FormerNames => FormerNamesOf(Parameter);

    /// <summary>The names that a type, a parameter or an enumeration's member had in earlier versions.</summary>
    public static IEnumerable<string> FormerNamesOf(ICustomAttributeProvider declared) =>
        declared
            .GetCustomAttributes(typeof(FormerNameAttribute), false)
            .Cast<FormerNameAttribute>()
            .Select(former => former.Name);

    public bool HasDefault => Parameter.HasDefaultValue;

    // Reflection says null where the default of a structure is meant.
    public object? Default =>
        Parameter.DefaultValue switch
        {
            { } value when Type.IsEnum => Enum.ToObject(Type, value),
            null when Type.IsValueType => Activator.CreateInstance(Type),
            var value => value,
        };

    public object? Of(object record) => Property.GetValue(record);

    public bool IsDefaultIn(object record) => HasDefault && Equals(Of(record), Default);
}
