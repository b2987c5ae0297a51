package com.mycompany;

/** Stands for a library that a topology needs: images have it in a JAR of its own. */
public class Library {
    public static String shout(String word) {
        return word.toUpperCase() + "!";
    }
}
