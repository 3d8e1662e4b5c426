namespace Cmsa;

/// <summary>
/// A name that a layer, a parameter of its constructor or a member of an enumeration had in an earlier version. Files
/// that use it are still read; files that are written use the new one.
/// </summary>
/// <param name="name">
/// The name as it stands in files: of a type or member as in C#, of a parameter with a small first letter.
/// </param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Parameter | AttributeTargets.Field, AllowMultiple = true)]
public sealed class FormerNameAttribute(string name) : Attribute
{
    /// <summary>The former name.</summary>
    public string Name { get; } = name;
}
