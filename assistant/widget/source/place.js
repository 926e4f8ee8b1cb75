/** Where the launcher came from and finds the rest; written anew for each version when it is put together. */

export const HERE = "";
export const REST = { path: "", integrity: "" };
