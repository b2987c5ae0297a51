package com.mycompany;

/** A main that submits and never ends. */
public class GoesOn {
    public static void main(String[] args) throws Exception {
        MyTopology.submit(args[0]);
        while (true) {
            Thread.sleep(1000);
        }
    }
}
